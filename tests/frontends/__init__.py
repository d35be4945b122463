"""The same page in every frontend."""
