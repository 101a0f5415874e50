// Asks what the server wants to know, before what cannot be taken back.

import * as vscode from "vscode";
import type { MessageType } from "vscode-languageclient";
import type { App } from "../app";
import { modalOf } from "./modal";

const ERROR: MessageType = 1;
const INFO: MessageType = 3;

export function askQuestions(app: App): vscode.Disposable {
  app.layers.question = async (params) => {
    const { message, detail, items } = modalOf(params);
    return (await asking(params.type)(message, { modal: true, detail }, ...items))?.action;
  };
  return new vscode.Disposable(() => {
    delete app.layers.question;
  });
}

function asking(type: MessageType) {
  const { showErrorMessage, showInformationMessage, showWarningMessage } = vscode.window;
  return type === ERROR ? showErrorMessage : type === INFO ? showInformationMessage : showWarningMessage;
}
