"""Passages in, hits out. Knows no files."""

import sys

# OpenVINO would report every import of it to its makers, through this package.
sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
