import { makeKinds } from './index.ts'

/** Every step kind that comes with the program, loaded. */
export const { all: kinds } = await makeKinds().load()
