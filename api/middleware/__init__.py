"""What every request passes through: admission, limits, headers, logs, metrics, traces."""
