"""Prints the OpenAPI document of Berth's API, from which the console's types are generated."""

import sys
from unittest.mock import MagicMock

from berth import __version__
from berth.api.app import create_app

# The description follows from the routes alone, so nothing stands behind them.
services = MagicMock()
services.version.version = __version__
sys.stdout.write(create_app(services).state.description().decode())
