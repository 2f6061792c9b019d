"""Reads a version of a registered model with MLflow's own client and prints what it found as JSON.

    python read_model.py TRACKING_URL NAME VERSION
"""
import hashlib
import json
import pathlib
import sys
import tempfile

import mlflow

url, name, version = sys.argv[1:]
client = mlflow.MlflowClient(url)
found = client.get_model_version(name, version)
run = client.get_run(found.run_id)
with tempfile.TemporaryDirectory() as folder:
    path = client.download_artifacts(found.run_id, "artefact.json", folder)
    artefact = pathlib.Path(path).read_bytes()
print(json.dumps({
    "status": run.info.status,
    "params": run.data.params,
    "metrics": run.data.metrics,
    "tags": found.tags,
    "description": found.description,
    "digest": hashlib.sha256(artefact).hexdigest(),
}))
