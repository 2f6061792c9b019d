"""Runs `mlflow server` in this process; the arguments are its own.

The command starts its web server as a child, which would outlive it when it is killed. Here it becomes the web server.
"""
import os

import mlflow.server
from mlflow.cli import cli


def become(command, extra_env, **_):
    os.execve(command[0], command, {**os.environ, **extra_env})


mlflow.server._exec_cmd = become  # of the version that mlflow.txt names
cli()
