"""Figures of recorded incidents: metrics over time, and which panels tell the layers apart."""

from .panels import separating_metrics
from .replies import incident_series

__all__ = ["incident_series", "separating_metrics"]
