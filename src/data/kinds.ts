import { loadConfig } from '../../runner/config.ts'

const config = await loadConfig(process.cwd(), process.env)

/** Every step kind there is here: those of the program, and those that the configuration brings. */
export const loadedKinds = await config.kinds.load()
export const { all: kinds, named: kindNamed } = loadedKinds
