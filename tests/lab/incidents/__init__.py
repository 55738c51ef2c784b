"""Incidents: see scene.py. One function each; its docstring is its README. To add one, write it
into a module of this folder, or into a new one that is named here."""
from . import accounts, bystanders, hostile, site_systems, stale, walks
from . import guesses, nearly, own_business, path_search, services, several
from . import combined, directory, doubtful, misread, pathways, servers, tricky
