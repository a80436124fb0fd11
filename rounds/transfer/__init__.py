"""A dataset as one file, from one disk of its site to another: exported, and imported with every digest verified.

May import the rest of `rounds`. The file holds patients' data: it is the site's, mode 0600, and goes nowhere by itself.
Nothing of an archive is believed before the registry's keyed digests and the site's own key agree with it.
"""
