"""What JupyterLab's server adds to Jupyter's own: what a kernel says is passed on at once.

Named in the server settings that `start.py` writes.
"""

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection

__all__ = ["PromptConnection"]


class PromptConnection(ZMQChannelsWebsocketConnection):
    """A page's connection to its kernel that does not wait to put small messages together.

    The system holds a message back while the page has not confirmed the one before (Nagle's
    algorithm, RFC 896), and the page takes up to 40 ms to confirm: an explorer that answers in
    20 ms was drawn after 60.
    """

    def connect(self):
        """Connect as Jupyter does."""
        self.websocket_handler.set_nodelay(True)
        return super().connect()
