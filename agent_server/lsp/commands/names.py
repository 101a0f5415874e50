"""The commands' names, as clients see them."""

APPROVE = "agentServer.approve"
LAUNCH = "agentServer.launch"
CANCEL = "agentServer.cancel"
LAND = "agentServer.land"
RETRY = "agentServer.retry"
REPAIR = "agentServer.repair"
DISCARD = "agentServer.discard"
UNDO = "agentServer.undo"
DROP_CHANGES = "agentServer.dropChanges"
SHOW_BRIEF = "agentServer.showBrief"
SHOW_TRANSCRIPT = "agentServer.showTranscript"
SHOW_CHANGES = "agentServer.showChanges"

# A lens with this command is text: clients show it and do nothing on a click.
NOTHING = ""
