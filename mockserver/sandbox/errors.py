"""Why a sandbox cannot be made."""


class SandboxError(ValueError):
    """A sandbox cannot be made. The text says why. wrong: the field of the request that is wrong, if any, and why."""

    def __init__(self, text: str, **wrong: str) -> None:
        super().__init__(text)
        self.wrong = wrong
