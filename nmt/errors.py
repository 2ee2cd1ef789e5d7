"""What a person did that cannot work, said in one line: where, what, and what to do.

The command line prints an `NmtError` without a traceback and exits with code 2.
Every other exception is a bug of ours and keeps its traceback.
"""


class NmtError(Exception):
    """A mistake the user can mend. The message is one line."""


class ConfigError(NmtError):
    """A setting is unknown, of the wrong type, or contradicts another."""


class DataError(NmtError):
    """A corpus or a line of text cannot be used as it is."""


class ModelFolderError(NmtError):
    """A model folder is missing, incomplete, damaged, or of another kind."""
