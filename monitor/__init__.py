"""Goodwill notices when customer marketing crosses the line.

The application package: vocabulary (`domain`), storage (`store`), statistics (`correlate`),
use cases (`workflow`), commands (`cli`) and the Slack bot (`bot`). It imports nothing here, so that
`goodwill --help` stays light.
"""

__version__ = "0.1.0"
