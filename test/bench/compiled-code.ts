import { resolve } from 'node:path'

/** Where the program's code is compiled, as after its first call: what a bench calls cold are the documents. */
export const compiledCode = resolve('node_modules/.cache/compiled')
