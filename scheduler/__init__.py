"""When nobody acts, the clock does. Due times are columns; APScheduler is only the metronome."""

from scheduler.metronome import Metronome, Tick

__all__ = ["Metronome", "Tick"]
