"""Write the files that a person would write for an environment, a service, a route or a name, and take them away again.

Text edits: comments and order of a file stay as they are (docs/adr/0037-text-edits.md). Everything is computed first
and written then; a file that is not laid out as the edit needs it is refused by its line. Standard library only.
"""
