// What a run loads late: the engine of patterns, in a file of the bundle that has nothing else.
export { compilePattern } from './pattern.ts'
