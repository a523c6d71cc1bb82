/** What the build puts into the bundle (scripts/build/baked.ts): where the files are that it wrote beside it. */
declare module 'parix:baked' {
  export const directory: string
}

/** The modules that oclif loads from the bundle by `explicit` discovery. */
declare module 'parix:modules' {
  /** By package, then by id: command classes, evaluated when first looked at; by event for hooks; and the help class. */
  const modules: Record<string, unknown>
  export default modules
}
