import assert from "node:assert/strict";
import { test } from "node:test";

import { fallsTo, level } from "../src/tides.js";

test("high water is as high as the range", () => {
  assert.equal(level(0, 4), 4);
});

test("low water comes half a period later", () => {
  assert.ok(Math.abs(level(12.42 / 2, 4)) < 1e-9);
});

test("level and fallsTo are each other's inverse", () => {
  assert.ok(Math.abs(level(fallsTo(1.5, 4), 4) - 1.5) < 1e-9);
});

test("the water never falls to what is above high water", () => {
  assert.equal(fallsTo(5, 4), undefined);
});
