import type { Json } from '../../model/values/json.ts'

/** A scenario as its file has it. */
export interface ScenarioSource {
  name: string
  inputs?: Record<string, string>
  steps?: Record<string, Json>
  dies?: Json
  lives?: Json[]
  expect?: Record<string, Json>
}

/** The part that all scenarios of a file share, as its file has it. */
export interface SituationSource {
  runner?: string
  present?: boolean
  clock?: string
  zone?: string
  inputs: Record<string, string>
  steps: Record<string, Json>
}
