"""Passages in, hits out. Knows no files."""

import sys

# OpenVINO would report every import of it to its makers, through the first of these. The second
# converts models, takes a third of the time of the import, and is left out where it is not there:
# index.encoders.openvino_torch brings it back.
sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
sys.modules.setdefault("openvino.tools.ovc", None)  # type: ignore[arg-type]
