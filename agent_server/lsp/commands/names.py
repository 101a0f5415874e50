"""The commands' names, as clients see them."""

APPROVE = "agentServer.approve"
LAUNCH = "agentServer.launch"
CANCEL = "agentServer.cancel"
LAND = "agentServer.land"

# A lens with this command is text: clients show it and do nothing on a click.
NOTHING = ""
