/** The service that specs of ttrpc call: its methods are alike on the wire, and what they do is for a spec to say. */
import { Any } from '../../../src/shim/messages/index.js';

const method = (name: string) => ({ name, requestType: Any, responseType: Any });

export const TestDefinition = {
  fullName: 'test.v1.Test',
  methods: { echo: method('Echo'), hold: method('Hold'), missing: method('Missing') },
};
