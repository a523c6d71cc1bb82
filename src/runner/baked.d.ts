/** What the build bakes into the bundle (scripts/build/baked.ts): the commands and packages that this CLI was built with. */
declare module 'parix:baked' {
  import type {BakedPackage} from './baked-plugin.js'

  /** The CLI itself first, then its plugins in the order in which their commands take precedence. */
  export const packages: BakedPackage[]
  /** The modules of commands, by id. */
  export const commands: Record<string, () => Promise<{default: unknown}>>
  /** The modules of hooks, by event. */
  export const hooks: Record<string, Array<() => Promise<{default: unknown}>>>
}
