/** What the build puts into the bundle (scripts/build/baked.ts): the packages that this CLI was built with, and their commands. */
declare module 'parix:baked' {
  import type {BundledPackage} from './main.js'

  /** The CLI itself first, then its plugins in the order in which their commands take precedence. */
  export const packages: BundledPackage[]
}

/** The modules that oclif loads from the bundle by `explicit` discovery. */
declare module 'parix:modules' {
  /** By package, then by id: command classes, evaluated when first looked at; by event for hooks; and the help class. */
  const modules: Record<string, unknown>
  export default modules
}
