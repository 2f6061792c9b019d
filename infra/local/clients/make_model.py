"""Makes a version of a registered model with MLflow's own client, as someone does who knows nothing of Touchline.

    python make_model.py TRACKING_URL NAME FILE ALIAS

FILE is logged in a run, the version names that run as its source, and ALIAS points to the version, whose number is printed.
"""
import sys

import mlflow

url, name, path, alias = sys.argv[1:]
mlflow.set_tracking_uri(url)
client = mlflow.MlflowClient(url)
client.create_registered_model(name)
run = client.create_run(client.create_experiment(name))
client.log_param(run.info.run_id, "made by", "hand")
client.log_artifact(run.info.run_id, path)
client.set_terminated(run.info.run_id)
version = client.create_model_version(name, f"runs:/{run.info.run_id}/", run.info.run_id).version
client.set_registered_model_alias(name, alias, version)
print(version)
