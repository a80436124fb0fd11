#!/usr/bin/env bash
# Gives a bare Debian 12 machine (root, its package mirror, no image registry) what the tests need beside Python:
#   docker     Docker Engine from Debian, its daemon started
#   apptainer  Apptainer from Debian unstable, unpacked beside the system with its own libc
#   base       an image python:3.11-slim made from Debian's packages, so that Dockerfiles keep their FROM
#   postgres   PostgreSQL's programs from Debian, without a cluster of the system's
#   browser    Chromium from Debian
# What is there and works is left alone, so running it again is quick.
#   .ci/engines.sh [docker | apptainer | base | postgres | browser]...    without arguments: all of them
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
APPTAINER_PREFIX=${APPTAINER_PREFIX:-/opt/apptainer}
BASE_IMAGE=${BASE_IMAGE:-python:3.11-slim}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

say() { echo "engines.sh: $*" >&2; }

install() {
  [[ -e $scratch/updated ]] || apt-get update -qq
  touch "$scratch/updated"
  apt-get install -y -qq --no-install-recommends "$@" >/dev/null </dev/null
}

# where this machine gets Debian from: a mirror that serves bookworm serves sid beside it
debian_mirror() {
  apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' |
    grep -v security | awk 'NR == 1' | grep . || { say "found no package mirror in apt's sources"; return 1; }
}

docker_answers() { docker version >/dev/null 2>&1; }

docker_engine() {
  docker_answers && return
  command -v dockerd >/dev/null || install docker.io iptables ca-certificates
  if ! docker_answers; then  # installing may have started it where there is an init
    say "starting dockerd, log in /var/log/dockerd.log"
    setsid nohup dockerd >>/var/log/dockerd.log 2>&1 </dev/null &
  fi
  local until=$((SECONDS + 60))
  until docker_answers; do
    ((SECONDS < until)) || { say "dockerd gave no answer in 60 s; read /var/log/dockerd.log"; return 1; }
    sleep 0.5
  done
}

# apt with sid as its only source and every list and archive in the scratch folder: the system is not touched
sid_apt() {
  apt-get -qq -o "Dir::Etc::sourcelist=$scratch/sid.list" -o Dir::Etc::sourceparts=/dev/null \
    -o "Dir::State::lists=$scratch/lists" -o "Dir::Cache=$scratch/cache" -o APT::Sandbox::User=root "$@"
}

unpack_from_sid() {
  local mirror package
  mirror=$(debian_mirror)
  mkdir -p "$scratch/lists/partial" "$scratch/cache/archives/partial" "$scratch/debs" "$APPTAINER_PREFIX"
  echo "deb $mirror sid main" >"$scratch/sid.list"
  sid_apt update
  (cd "$scratch/debs" && sid_apt download "${@/%//unstable}" >/dev/null)
  for package in "$scratch"/debs/*.deb; do dpkg-deb --extract "$package" "$APPTAINER_PREFIX"; done
}

# sid's programs need sid's libc: each gets that one as its loader and looks for libraries nowhere else
bind_to_own_libc() {
  local libraries=$APPTAINER_PREFIX/usr/lib/x86_64-linux-gnu program
  for program in bin/apptainer bin/mksquashfs bin/unsquashfs lib/x86_64-linux-gnu/apptainer/bin/starter; do
    patchelf --set-interpreter "$libraries/ld-linux-x86-64.so.2" "$APPTAINER_PREFIX/usr/$program"
    patchelf --force-rpath --set-rpath "$libraries" "$APPTAINER_PREFIX/usr/$program"
  done
}

apptainer_engine() {
  if ! "$APPTAINER_PREFIX/usr/bin/apptainer" --version >/dev/null 2>&1; then
    install patchelf squashfs-tools
    unpack_from_sid apptainer libc6 libgcc-s1 libseccomp2 libsqlite3-0 squashfs-tools \
      liblzo2-2 liblz4-1 liblzma5 libzstd1 zlib1g
    bind_to_own_libc
    # its configuration and session folder are looked for relative to the program
    ln -sfn ../etc "$APPTAINER_PREFIX/usr/etc"
    ln -sfn ../../etc "$APPTAINER_PREFIX/usr/lib/etc"
    mkdir -p "$APPTAINER_PREFIX/usr/lib/var/lib/apptainer/mnt/session"
  fi
  ln -sf "$APPTAINER_PREFIX/usr/bin/apptainer" /usr/local/bin/apptainer
  ln -sf apptainer /usr/local/bin/singularity  # the name that spython asks for
}

base_image() {
  docker_engine
  docker image inspect "$BASE_IMAGE" >/dev/null 2>&1 && return
  local root=$scratch/root mirror
  install debootstrap ca-certificates
  mirror=$(debian_mirror)
  debootstrap --variant=minbase --include=python3,ca-certificates bookworm "$root" "$mirror" >/dev/null
  ln -sf python3 "$root/usr/bin/python"
  rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/*
  tar -C "$root" -c . | docker import --change 'CMD ["python3"]' - "$BASE_IMAGE" >/dev/null
}

# each test run makes its own cluster: one of the system's would only take a port and memory
postgres_programs() {
  compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null && return
  local settings=/etc/postgresql-common/createcluster.d/rounds.conf
  mkdir -p "${settings%/*}"
  echo 'create_main_cluster = false' >"$settings"
  install postgresql
  rm "$settings"
}

browser() {
  command -v chromium >/dev/null || install chromium
}

(($#)) || set -- docker apptainer base postgres browser
for part in "$@"; do
  case $part in
    docker) docker_engine ;;
    apptainer) apptainer_engine ;;
    base) base_image ;;
    postgres) postgres_programs ;;
    browser) browser ;;
    *) say "found no part named '$part', needed docker, apptainer, base, postgres or browser"; exit 2 ;;
  esac
done
