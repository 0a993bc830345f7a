"""What whoever builds the site has to mend."""


class SiteError(Exception):
    """Why there is no site; the message says what to change."""
