import assert from "node:assert/strict";
import { test } from "node:test";
import { sceneAddress } from "../src/data/load.ts";

const PAGE = "https://example.org/twins/house/index.html?lang=en";

test("a scene below the page is followed", () => {
  assert.equal(sceneAddress("", PAGE), "https://example.org/twins/house/scene/");
  assert.equal(sceneAddress("?scene=revisions/2//", PAGE), "https://example.org/twins/house/revisions/2/");
});

test("no other host and no folder beside or above the page is", () => {
  for (const asked of ["https://other.example/scene", "//other.example/scene", "../garden", "/twins/garden", "%2e%2e/garden", "javascript:0"])
    assert.equal(sceneAddress(`?scene=${asked}`, PAGE), "https://example.org/twins/house/scene/", asked);
});
