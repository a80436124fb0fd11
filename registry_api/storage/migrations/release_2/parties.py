"""The tables of the second release that say who acts, and what is kept beside the registrations."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Table,
    UniqueConstraint,
)

from registry_api.storage.migrations.moment import Moment

METADATA = MetaData()

USERS = Table(
    "user_account",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("is_valid", Boolean, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("name", String, nullable=False),
    Column("email", String, nullable=False, unique=True),
    Column("is_admin", Boolean, nullable=False),
    Column("organisation_id", ForeignKey("organisation.id")),
    Column("password_hash", String),
    Column("totp_secret", String),
    Column("totp_candidate", String),
    Column("totp_step", Integer),
    Column("issuer", String),
    Column("subject", String),
    UniqueConstraint("issuer", "subject"),
)
ORGANISATIONS = Table(
    "organisation",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("is_valid", Boolean, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("name", String, nullable=False),
    Column("name_key", String, unique=True),
    Column("second_factor", Boolean, nullable=False),
    Column("is_personal", Boolean, nullable=False),
)
MEMBERS = Table(
    "member",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("is_valid", Boolean, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("organisation_id", ForeignKey("organisation.id"), nullable=False),
    Column("email", String, nullable=False, index=True),
    Column("role", String, nullable=False),
    Column("user_id", ForeignKey("user_account.id"), index=True),
    UniqueConstraint("organisation_id", "email"),
)
TOKENS = Table(
    "token",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("is_valid", Boolean, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("user_id", ForeignKey("user_account.id"), nullable=False, index=True),
    Column("kind", String, nullable=False),
    Column("label", String, nullable=False),
    Column("sha256", String, nullable=False, unique=True),
    Column("role", String, nullable=False),
    Column("site", String),
    Column("expires_at", Moment, nullable=False, index=True),
    Column("revoked_at", Moment),
    Column("signed_in_at", Moment),
    Column("second_factor", Boolean, nullable=False),
)
FAILURES = Table(
    "sign_in_failure",
    METADATA,
    Column("sha256", String, primary_key=True),
    Column("count", Integer, nullable=False),
    Column("last", Moment, nullable=False, index=True),
)
DELEGATES = Table(
    "delegate",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("approval_id", ForeignKey("approval.id"), nullable=False),
    Column("user_id", ForeignKey("user_account.id"), nullable=False, index=True),
    UniqueConstraint("approval_id", "user_id"),
)
CODES = Table(
    "decision_code",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("is_valid", Boolean, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("sha256", String, nullable=False, unique=True),
    Column("approval_id", ForeignKey("approval.id"), nullable=False),
    Column("user_id", ForeignKey("user_account.id"), nullable=False),
    Column("decision", JSON, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("used_at", Moment),
)
OUTBOX = Table(
    "outbox",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("kind", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("body", JSON, nullable=False),
    Column("status", String, nullable=False, index=True),
    Column("failures", Integer, nullable=False),
    Column("last_answer", String, nullable=False),
    Column("due_at", Moment, nullable=False),
)
ANSWERS = Table(
    "answer",
    METADATA,
    Column("user_id", Integer, primary_key=True, autoincrement=False),
    Column("key", String, primary_key=True),
    Column("request_sha256", String, nullable=False),
    Column("status", Integer, nullable=False),
    Column("body", String),
    Column("at", Moment, nullable=False, index=True),
)
