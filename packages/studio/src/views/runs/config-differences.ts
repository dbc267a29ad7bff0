export type Config = Readonly<Record<string, unknown>>;

export interface ConfigRow {
  readonly field: string;
  /** One per run, as JSON; undefined where the run's configuration lacks the field. */
  readonly values: readonly (string | undefined)[];
}

/** The fields in which configurations differ; of a single one, all its fields. */
export function configRows(configs: readonly Config[]): ConfigRow[] {
  const fields = [...new Set(configs.flatMap((config) => Object.keys(config)))];
  const rows = fields.map((field) => ({ field, values: configs.map((config) => textOf(config[field])) }));
  return configs.length < 2 ? rows : rows.filter(({ values }) => new Set(values).size > 1);
}

function textOf(value: unknown): string | undefined {
  return value === undefined ? undefined : JSON.stringify(value).replaceAll('"', '');
}
