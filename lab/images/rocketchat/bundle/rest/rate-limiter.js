import { ApiError } from "./api-error.js";

/** Calls of one endpoint from one address: API_Enable_Rate_Limiter_* (10 in a minute by default). */
export class RateLimiter {
  #windows = new Map();
  #settings;

  constructor(settings) {
    this.#settings = settings;
  }

  /** @throws ApiError 429 when the window is full */
  count(endpoint, ip) {
    if (!this.#settings.get("API_Enable_Rate_Limiter")) return;
    const limit = this.#settings.get("API_Enable_Rate_Limiter_Limit_Calls_Default");
    const lengthMs = this.#settings.get("API_Enable_Rate_Limiter_Limit_Time_Default");
    const key = `${endpoint} ${ip}`;
    const now = Date.now();
    let window = this.#windows.get(key);
    if (window === undefined || window.endsAt <= now) {
      window = { endsAt: now + lengthMs, calls: 0 };
      this.#windows.set(key, window);
    }
    window.calls += 1;
    if (window.calls <= limit) return;
    const seconds = Math.ceil((window.endsAt - now) / 1000);
    const message = `Error, too many requests. Please slow down. You must wait ${seconds} seconds before trying this endpoint again. [error-too-many-requests]`;
    throw new ApiError(429, message, { errorType: "error-too-many-requests" });
  }
}
