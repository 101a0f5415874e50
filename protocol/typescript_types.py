"""TypeScript types of our own messages. They import nothing, so that any client and any web view can use them."""

from textwrap import wrap

from protocol.model import Array, Base, Command, Enumeration, Map, Message, Model, Or, Reference, Structure, Type

_WIDTH = 120
_BASE = {
    "DocumentUri": "DocumentUri",
    "URI": "URI",
    "boolean": "boolean",
    "decimal": "number",
    "integer": "number",
    "null": "null",
    "string": "string",
    "uinteger": "number",
}
_HEAD = """\
// Our own messages. Generated from `protocol/agent-server.json` by `python -m protocol.generate`.

/** The newest version of the protocol; a client names it in `capabilities.experimental.agentServer`. */
export const VERSION = "{version}";

export type DocumentUri = string;
export type URI = string;

/** A request's method, with the types of its params and its result. */
export interface RequestMethod<P, R> {{
  readonly method: string;
  readonly _?: [P, R];
}}

/** A notification's method, with the type of its params. */
export interface NotificationMethod<P> {{
  readonly method: string;
  readonly _?: [P];
}}

/** A command's name, with the types of its argument and its result. */
export interface CommandName<A, R> {{
  readonly command: Command;
  readonly _?: [A, R];
}}

/** What sends and hears messages: `LanguageClient` of vscode-languageclient is one. */
export interface Connection {{
  sendRequest<R>(method: string, params?: unknown): Promise<R>;
  onNotification(method: string, handler: (params: unknown) => void): {{ dispose(): void }};
}}

/** Send a request; rejects where the server refuses it. */
export function request<P, R>(connection: Connection, type: RequestMethod<P, R>, params: P): Promise<R> {{
  return connection.sendRequest<R>(type.method, params);
}}

/** Send a command; rejects where the server refuses it. */
export function execute<A, R>(connection: Connection, type: CommandName<A, R>, argument: A): Promise<R> {{
  return connection.sendRequest<R>("workspace/executeCommand", {{ command: type.command, arguments: [argument] }});
}}

/** Call `handler` for each notification, until what this returns is disposed of. */
export function listen<P>(
  connection: Connection,
  type: NotificationMethod<P>,
  handler: (params: P) => void,
): {{ dispose(): void }} {{
  return connection.onNotification(type.method, (params) => handler(params as P));
}}
"""


def render(model: Model) -> str:
    """The module `editor_clients/vscode/src/protocol.ts`."""
    blocks = [_HEAD.format(version=model.version).rstrip()]
    blocks += [_enumeration(each) for each in model.enumerations]
    blocks += [_structure(each) for each in model.structures]
    blocks += [
        f"{_comment(each.documentation)}export type {each.name} = {_type(each.type)};" for each in model.type_aliases
    ]
    blocks += [_request(each) for each in model.requests]
    blocks += [_notification(each) for each in model.notifications]
    blocks += [_command(each) for each in model.commands]
    return "\n\n".join(blocks) + "\n"


def _enumeration(enumeration: Enumeration) -> str:
    lines = [f"{_comment(enumeration.documentation)}export type {enumeration.name} ="]
    lines += [f"{_comment(each.documentation, '  ')}  | {_quoted(each.value)}" for each in enumeration.values]
    return "\n".join(lines) + ";"


def _structure(structure: Structure) -> str:
    lines = [f"{_comment(structure.documentation)}export interface {structure.name} {{"]
    for each in structure.properties:
        mark = "?" if each.optional else ""
        lines.append(f"{_comment(each.documentation, '  ')}  {each.name}{mark}: {_type(each.type)};")
    return "\n".join((*lines, "}"))


def _request(message: Message) -> str:
    if message.result is None:
        raise ValueError(f"{message.method} has no result.")
    types = f"{message.params.name}, {_type(message.result)}"
    return _constant(message, f"RequestMethod<{types}>")


def _notification(message: Message) -> str:
    return _constant(message, f"NotificationMethod<{message.params.name}>")


def _constant(message: Message, type_: str) -> str:
    head = f"{_comment(message.documentation, '', message.deprecated)}export const {message.type_name}: {type_} ="
    return f"{head} {{\n  method: {_quoted(message.method)},\n}};"


def _command(command: Command) -> str:
    head = f"export const {command.name}Command: CommandName<{command.argument}, {command.result}> ="
    return f"{_comment(command.documentation)}{head} {{\n  command: {_quoted(command.command)},\n}};"


def _quoted(text: str) -> str:
    return f'"{text}"'


def _type(kind: Type) -> str:
    match kind:
        case Base(name):
            return _BASE[name]
        case Reference(name):
            return name
        case Array(element):
            inner = _type(element)
            return f"({inner})[]" if isinstance(element, Or) else f"{inner}[]"
        case Map(key, value):
            return f"Record<{_type(key)}, {_type(value)}>"
        case Or(items):
            return " | ".join(map(_type, items))


def _comment(text: str, indent: str = "", deprecated: str = "") -> str:
    """A comment that stands above what it explains."""
    if not deprecated and len(text) + len(indent) + 7 <= _WIDTH:
        return f"{indent}/** {text} */\n"
    lines = wrap(text, _WIDTH - len(indent) - 3)
    if deprecated:
        lines += wrap(f"@deprecated {deprecated}", _WIDTH - len(indent) - 3)
    return f"{indent}/**\n" + "".join(f"{indent} * {line}\n" for line in lines) + f"{indent} */\n"
