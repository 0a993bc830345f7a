"""Imported first by the command, so that it is ready sooner.

jsonschema, which comes with nbformat, imports rfc3987_syntax if it is there, and that makes a grammar of internationalized
addresses: a second's work, for a format that no notebook's schema has.
"""

import sys

sys.modules.setdefault("rfc3987_syntax", None)
