import { readFileSync } from 'node:fs'
import type { Description, Schema } from '../support/servers/contract-proxy.ts'

const text = { type: 'string' }
const flag = { type: 'boolean' }
const moment = { type: 'string', format: 'date-time' }
const status = {
  type: 'string',
  enum: [
    'investigating',
    'identified',
    'monitoring',
    'resolved',
    'scheduled',
    'in_progress',
    'verifying',
    'completed',
  ],
}
const impact = { type: 'string', enum: ['none', 'maintenance', 'minor', 'major', 'critical'] }
const health = {
  type: 'string',
  enum: ['operational', 'under_maintenance', 'degraded_performance', 'partial_outage', 'major_outage'],
}
const incident = {
  type: 'object',
  required: ['id', 'name', 'status'],
  properties: {
    id: text,
    name: { type: 'string', maxLength: 255 },
    status,
    impact_override: impact,
    metadata: { type: 'object', additionalProperties: { type: 'object' } },
    incident_updates: { type: 'array', items: { type: 'object', properties: { status, body: text } } },
  },
}
const component = {
  type: 'object',
  required: ['id', 'name'],
  properties: { id: text, name: text, status: health },
}

/** What may be sent of an incident; a field that is not here is a mistake of ours. */
const fields = {
  name: { type: 'string', minLength: 1, maxLength: 255 },
  status,
  impact_override: impact,
  body: { type: 'string', maxLength: 25_000 },
  scheduled_for: moment,
  scheduled_until: moment,
  scheduled_auto_in_progress: flag,
  scheduled_auto_completed: flag,
  deliver_notifications: flag,
  metadata: { type: 'object', additionalProperties: { type: 'object' } },
  components: { type: 'object', additionalProperties: health },
  component_ids: { type: 'array', items: text },
}
const sent = (required: string[]): Schema => ({
  type: 'object',
  required: ['incident'],
  additionalProperties: false,
  properties: { incident: { type: 'object', required, additionalProperties: false, properties: fields } },
})

const json = (schema: Schema) => ({ content: { 'application/json': { schema } } })
const answers = (code: number, schema: Schema) => ({
  [code]: json(schema),
  ...Object.fromEntries([400, 401, 403, 404, 422].map((refused) => [refused, {}])),
})
const one = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` })
const query = (...names: string[]) => names.map((name) => ({ in: 'query', name }))

/**
 * The operations of Statuspage v1 that are used, in OpenAPI's form. Written by us from what its public documentation
 * says; it is no copy of the vendor's document, which comes without a license, and is stricter where it can be: no
 * field that we do not know of may be sent.
 */
const ours: Description = {
  components: { schemas: { Component: component, Incident: incident } },
  paths: {
    '/pages/{page_id}/components': {
      get: {
        parameters: query('page', 'per_page'),
        responses: answers(200, { type: 'array', items: one('Component') }),
      },
    },
    '/pages/{page_id}/incidents': {
      get: {
        parameters: query('q', 'limit', 'page'),
        responses: answers(200, { type: 'array', items: one('Incident') }),
      },
      post: { requestBody: json(sent(['name'])), responses: answers(201, one('Incident')) },
    },
    '/pages/{page_id}/incidents/{incident_id}': {
      get: { responses: answers(200, one('Incident')) },
      patch: { requestBody: json(sent([])), responses: answers(200, one('Incident')) },
    },
  },
}

/** The vendor's own document when `STATUSPAGE_OPENAPI` names its file, else ours. */
export function statuspageDescription(): Description {
  const file = process.env['STATUSPAGE_OPENAPI'] ?? ''
  return file === '' ? ours : (JSON.parse(readFileSync(file, 'utf8')) as Description)
}
