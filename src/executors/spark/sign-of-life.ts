import { Code, ConnectError } from "@connectrpc/connect";
import { systemClock } from "../../core/clock.ts";

/** How a server that hangs is noticed: when nothing has come from it for a while, it is asked; given minutes, as it may be busy. */
export interface SignOfLifeOptions {
  /** Silence after which it is asked, in milliseconds; default a minute. */
  readonly silenceMs?: number;
  /** How long it may take to answer, in milliseconds; asked a second time before it is given up. Default two minutes. */
  readonly answerMs?: number;
}

/** A stall of this process itself must not count against the server: its answer may be there, unread. */
const questions = 2;

/**
 * Watches a server while calls are under way. The question is an ordinary call with a deadline of its own and not a PING of
 * the transport: servers end connections that send PINGs more often than they allow, and a server can answer those that
 * answers nothing else.
 */
export class SignOfLife {
  readonly #ask: (answerMs: number) => Promise<boolean>;
  readonly #silenceMs: number;
  readonly #answerMs: number;
  readonly #gone = new AbortController();
  #calls = 0;
  #lastSignUs = 0;
  #timer: NodeJS.Timeout | undefined;
  #isAsking = false;

  /** `ask` answers false when there was no answer within the time given. */
  constructor(
    ask: (answerMs: number) => Promise<boolean>,
    { silenceMs = 60_000, answerMs = 120_000 }: SignOfLifeOptions = {},
  ) {
    this.#ask = ask;
    this.#silenceMs = silenceMs;
    this.#answerMs = answerMs;
  }

  /** Aborted once the server has been given up; it stays so. */
  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  /** The server sent something. */
  saw(): void {
    this.#lastSignUs = systemClock.nowUs();
  }

  /** Watches while `call` runs; its signal aborts when `signal` does and when the server is given up. */
  async during<T>(signal: AbortSignal | undefined, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
    this.#gone.signal.throwIfAborted();
    const abort = new AbortController();
    const forward = (): void => abort.abort(signal?.aborted === true ? signal.reason : this.#gone.signal.reason);
    if (signal?.aborted === true) forward();
    signal?.addEventListener("abort", forward, { once: true });
    this.#gone.signal.addEventListener("abort", forward, { once: true });
    if (this.#calls++ === 0) {
      this.saw();
      this.#rest(this.#silenceMs);
    }
    try {
      return await call(abort.signal);
    } finally {
      signal?.removeEventListener("abort", forward);
      this.#gone.signal.removeEventListener("abort", forward);
      if (--this.#calls === 0) clearTimeout(this.#timer);
    }
  }

  #rest(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#check(), ms);
  }

  async #check(): Promise<void> {
    const silentMs = (systemClock.nowUs() - this.#lastSignUs) / 1000;
    if (silentMs < this.#silenceMs) {
      this.#rest(Math.ceil(this.#silenceMs - silentMs));
      return;
    }
    if (this.#isAsking) return;
    this.#isAsking = true;
    const hasAnswered = await this.#hasAnswered();
    this.#isAsking = false;
    if (!hasAnswered) {
      const patience = (this.#silenceMs + questions * this.#answerMs) / 1000;
      this.#gone.abort(
        new ConnectError(`the server has given no sign of life for ${patience} s and is given up`, Code.Unavailable),
      );
    } else if (this.#calls > 0) this.#rest(this.#silenceMs);
  }

  async #hasAnswered(): Promise<boolean> {
    for (let asked = 0; asked < questions; asked++) {
      const beforeUs = systemClock.nowUs();
      if ((await this.#ask(this.#answerMs)) || this.#lastSignUs > beforeUs) {
        this.saw();
        return true;
      }
    }
    return false;
  }
}
