"""Keeping a site's workspace in bounds: what lies there, what must stay, and removing the rest.

May import the rest of `rounds`. Removes only what can be made anew, under the lock of whoever makes it, by one
rename into the trash. Never touches what a person brought, registered, decided or released.
"""
