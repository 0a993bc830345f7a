"""A node's part of a client's request: it asks the servers for its client, and gives up when the client's patience ends.

Any node takes a request. It has no say in the answer: the leader answers, with a commit for a write and by the majority's
word for a read (`gossipkit.authority.raft`). Until then `RaftClient` asks one server after the other. If no answer comes in
time, it is a timeout, and nobody knows whether the command will be carried out.

References
----------
hashicorp/consul agent/consul/rpc.go (ForwardRPC: a server that does not lead forwards to the leader), agent/kvs_endpoint.go.
"""

from typing import TYPE_CHECKING, Any

from ..operation import Status
from .messages import Request
from .operation import Operation

if TYPE_CHECKING:
    from .agent import Agent


class Asked:
    """One operation at the node that its client asked; `Denied` is an answer too, and the operation is ok.

    Parameters
    ----------
    node : Agent
    operation : Operation
    request : Request
        The command or question, with its token.
    """

    def __init__(self, node: "Agent", operation: Operation, request: Request):
        self._env, self._client, self._operation = node.env, node.client, operation
        self._deadline = self._env.after(operation.patience_s, operation.end, Status.TIMEOUT, self._env)
        ask = self._client.read if operation.kind == "read" else self._client.write
        ask(self._env, request, self._answered)

    def _answered(self, answer: Any) -> None:
        operation = self._operation
        # after the timeout the request goes on all the same: it stands in the queue before later ones
        if operation.finished_s is None:
            self._deadline.cancel()
            operation.answer = answer
            operation.acknowledge(self._client.leader, self._env)
            operation.end(Status.OK, self._env)
