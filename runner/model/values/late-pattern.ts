// A run loads the engine of patterns late, from a file of the bundle that holds it alone.
export { compilePattern } from './pattern.ts'
