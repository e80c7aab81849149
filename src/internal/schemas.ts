import { z } from "zod";
import { type Clock, systemClock } from "./async/clock.js";
import { propertyOf } from "./objects.js";

export const isFunction = (value: unknown): boolean => typeof value === "function";

/** Checks an option that is a function. */
export const functionSchema = <F>() => z.custom<F>(isFunction, "expected a function");

/** Checks an option that is an object with methods; others may have more of them. */
export const objectSchema = <T>(methods: readonly string[], expected: string) =>
  z.custom<T>(
    (value) => methods.every((method) => isFunction(propertyOf(value, method))),
    `expected ${expected}`,
  );

/** Checks the clock of an option, by default that of the system. */
export const clockSchema = z
  .custom<Clock>(
    (value) => isFunction(propertyOf(value, "now")) && isFunction(propertyOf(value, "delay")),
    "expected a Clock with now() and delay()",
  )
  // A function, because zod would copy an object, and budgets are shared by clock.
  .default(() => systemClock);
