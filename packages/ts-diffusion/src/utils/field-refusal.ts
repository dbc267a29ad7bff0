import type { z } from 'zod';

/** A sentence about the first field of a foreign JSON file that a schema refuses, with its name and value. */
export function fieldRefusal({ issues }: z.ZodError, value: unknown): string {
  const [issue] = issues as [z.core.$ZodIssue];
  if (issue.code === 'unrecognized_keys') {
    const [key = ''] = issue.keys;
    const unknown = JSON.stringify((value as Record<string, unknown>)[key]);
    return `"${key}" is ${unknown}, a field that is not known here. Remove it if the model works without it.`;
  }
  if (issue.path.length === 0) return 'expected a JSON object with the fields that diffusers writes.';
  const at = issue.path.reduce<unknown>(
    (part, key) => (part as Record<PropertyKey, unknown> | undefined)?.[key],
    value,
  );
  const [field, ...index] = issue.path.map(String);
  const where = `"${field ?? ''}"${index.map((each) => `[${each}]`).join('')}`;
  return `${where} is ${JSON.stringify(at)}, which is not supported: ${issue.message}.`;
}
