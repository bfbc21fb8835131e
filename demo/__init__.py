"""The demonstration trial. All of its data are SYNTHETIC."""
