/** Compares types: a use that does not compile is a type that has changed. */

/** Exactly the same type. `any` equals `any` alone. */
export type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Compiles if the argument is `true`: `is<Equal<A, B>>(true)`. */
export const is = <T extends boolean>(_: T): void => undefined;
