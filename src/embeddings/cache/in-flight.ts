interface Flight {
  arrival: Promise<Float32Array | undefined>;
  land: (vector: Float32Array | undefined) => void;
}

const newFlight = (): Flight => {
  let land: Flight["land"] = () => undefined;
  const arrival = new Promise<Float32Array | undefined>((resolve) => {
    land = resolve;
  });
  return { arrival, land };
};

/** Texts on their way to a model, so that calls that ask for the same one at the same time share a request. */
export class Flights {
  readonly #underWay = new Map<string, Flight>();

  /** The vector of a text that is under way, or nothing once the call that took it has failed. */
  of(id: string): Promise<Float32Array | undefined> | undefined {
    return this.#underWay.get(id)?.arrival;
  }

  /** @returns what is to be called for each of the texts, once it has arrived or failed */
  depart(ids: readonly string[]): (id: string, vector: Float32Array | undefined) => void {
    for (const id of ids) this.#underWay.set(id, newFlight());
    return (id, vector) => {
      this.#underWay.get(id)?.land(vector);
      this.#underWay.delete(id);
    };
  }
}
