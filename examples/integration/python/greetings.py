"""The program of the folder above in Python: greetings in, models of XOS out, addresses and pods in the status.

    pip install -r requirements.txt
    python greetings.py --kubeconfig ~/.kube/config --kafka-brokers kafka.example.org:9092
"""
import argparse, concurrent.futures, html, json, os

from kafka import KafkaConsumer
from kubernetes import client, config, dynamic, watch

NAME = "greetings"  # of the trust domain, and so of the namespace; of the slice, the image and the consumer group


def models(name, spec):
    """What a greeting needs. The mounts come before the instance, so that its pod has them from the start."""
    page = f"<!doctype html><title>Greeting</title><p>{html.escape(spec['message'])}</p>\n"
    yield "KubernetesConfigMap", {"data": {"index.html": page}}
    yield "KubernetesConfigVolumeMount", {"configMap": name, "serviceInstance": name, "mountPath": "/usr/share/nginx/html"}
    if spec.get("secret"):  # the values are copied within the cluster: this program never sees them
        yield "KubernetesSecret", {"dataFrom": [{"name": spec["secret"]}]}
        yield "KubernetesSecretVolumeMount", {"secret": name, "serviceInstance": name, "mountPath": "/etc/greeting"}
    yield "KubernetesServiceInstance", {"slice": NAME, "image": NAME}


def apply(kind, spec, name=NAME, **metadata):
    """Declares a model. Of what was declared of it before, the rest is removed."""
    body = {"apiVersion": "xos.opencord.org/v1", "kind": kind, "metadata": {"name": name, **metadata}, "spec": spec}
    resource = api.resources.get(api_version=body["apiVersion"], kind=kind)
    resource.server_side_apply(body, namespace=NAME if resource.namespaced else None, field_manager=NAME, force_conflicts=True)


def report(name, **status):
    try:
        own.status.patch({"status": status}, name=name, namespace=NAME, content_type="application/merge-patch+json")
    except dynamic.exceptions.NotFoundError:
        pass  # the greeting has ended meanwhile


def reconcile(greeting):
    """Has the models be as the greeting says. They are deleted with it, as it is their owner."""
    name = greeting["metadata"]["name"]
    owner = {"apiVersion": "example.org/v1", "kind": "Greeting", "name": name, "uid": greeting["metadata"]["uid"], "controller": True}
    apply("Slice", {"description": "greetings"})
    for kind, spec in models(name, greeting["spec"]):
        apply(kind, spec, name, ownerReferences=[owner])


def observe(instance):
    """Reports the pod's address, and the condition Ready, whose message names what is missing."""
    status = instance.get("status", {})
    ready = next((c for c in status.get("conditions", []) if c["type"] == "Ready"), {"status": "", "message": ""})
    report(instance["metadata"]["name"], ready=ready["status"] == "True", message=ready["message"], address=status.get("podIP", ""))


def follow(resource, react):
    """Calls react with each object, as it changes and each minute, so that what failed is tried again."""
    while True:
        for event in watch.Watch().stream(resource.get, namespace=NAME, serialize=False, timeout_seconds=60, _request_timeout=90):
            found = event["raw_object"]
            try:
                if event["type"] in ("ADDED", "MODIFIED") and "deletionTimestamp" not in found["metadata"]:
                    react(found)
            except dynamic.exceptions.DynamicApiError as e:  # one greeting holds back no other
                report(found["metadata"]["name"], ready=False, message=e.summary())


def consume(consumer):
    """Notes each pod that begins. What was not noted when the program ends, the next one reads again."""
    for message in consumer:
        try:
            event = json.loads(message.value)
        except ValueError as e:
            print("A message can't be read, and is left out:", e, flush=True)
            event = {"status": "", "labels": None}
        labels = event["labels"] or {}
        if event["status"] == "created" and labels.get("xos.opencord.org/namespace") == labels.get("xos.opencord.org/slice") == NAME:
            report(event["name"], announced=event["kubernetesserviceinstance_id"])
        consumer.commit()


parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--kubeconfig", help="path of a kubeconfig; left out, ~/.kube/config counts, or the service account of the pod")
parser.add_argument("--kafka-brokers", required=True, help="Kafka brokers, as host:port[,host:port]")
args = parser.parse_args()
config.load_config(**({"config_file": args.kubeconfig} if args.kubeconfig else {}))
api = dynamic.DynamicClient(client.ApiClient())
own = api.resources.get(api_version="example.org/v1", kind="Greeting")
events = KafkaConsumer("xos.kubernetes.pod-details", bootstrap_servers=args.kafka_brokers.split(","), group_id=NAME,
                       isolation_level="read_committed", auto_offset_reset="earliest", enable_auto_commit=False)
apply("TrustDomain", {})
apply("Image", {"name": "nginx", "tag": "1.29-alpine"})
instances = api.resources.get(api_version="xos.opencord.org/v1", kind="KubernetesServiceInstance")
pool = concurrent.futures.ThreadPoolExecutor()
parts = [pool.submit(follow, own, reconcile), pool.submit(follow, instances, observe), pool.submit(consume, events)]
try:
    for part in concurrent.futures.as_completed(parts):  # none ends but by an error: whoever runs this starts it again
        print("ends:", part.exception(), flush=True)
        break
finally:
    os._exit(1)
