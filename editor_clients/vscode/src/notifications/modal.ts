// The server's questions, as VS Code asks what must not be overlooked: in the middle of the window, until there is an answer.

import type { MessageActionItem, ShowMessageRequestParams } from "vscode-languageclient";
import { quoted } from "../plans/words";

export interface Modal {
  readonly message: string;
  /** Below the message, in smaller letters. */
  readonly detail: string;
  readonly items: readonly ModalItem[];
}

export interface ModalItem {
  readonly title: string;
  /** It takes the place of the dialog's own Cancel: Escape chooses it. */
  readonly isCloseAffordance: boolean;
  readonly action: MessageActionItem;
}

const NO = /^(not now|cancel|no|keep)\b/i;

/** The server puts one before each line, for clients that show a message as one paragraph. */
const BULLET = /^• /;

/** The first line is the question; the rest are its consequences. */
export function modalOf({ message, actions = [] }: ShowMessageRequestParams): Modal {
  const [first = "", ...rest] = quoted(message).split("\n");
  return {
    message: first,
    detail: rest.length === 1 ? (rest[0] ?? "").replace(BULLET, "") : rest.join("\n"),
    items: actions.map((action) => ({ title: quoted(action.title), isCloseAffordance: NO.test(action.title), action })),
  };
}
