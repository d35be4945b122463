"""A live class: what `hub/jupyterhub_config.py` asks, without JupyterHub itself."""
