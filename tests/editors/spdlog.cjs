// What VS Code writes its logs by, in JavaScript: the module that it brings is a native one, which would have to be compiled. It
// stands in that one's place, so that the logs of a scenario that failed can be read.

const { appendFileSync, mkdirSync } = require("node:fs");
const { dirname } = require("node:path");

const LEVELS = ["trace", "debug", "info", "warn", "error", "critical"];

class Logger {
  #file;
  #level = 2;
  #dated = true;

  constructor(file) {
    this.#file = file;
    mkdirSync(dirname(file), { recursive: true });
    for (const [level, name] of LEVELS.entries()) this[name] = (words) => this.#write(level, name, words);
  }

  setLevel(level) {
    this.#level = level;
  }

  getLevel() {
    return this.#level;
  }

  clearFormatters() {
    this.#dated = false;
  }

  setPattern() {}
  flush() {}
  drop() {}

  #write(level, name, words) {
    if (level < this.#level) return;
    appendFileSync(this.#file, this.#dated ? `${new Date().toISOString()} [${name}] ${words}\n` : words);
  }
}

exports.setLevel = () => {};
exports.setFlushOn = () => {};
exports.createRotatingLogger = async (_name, file) => new Logger(file);
exports.createAsyncRotatingLogger = exports.createRotatingLogger;
