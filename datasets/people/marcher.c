/* A signed-distance-field ray marcher: one square picture of primitives, planes and a backdrop.

   Sphere tracing after Hart (1996); smooth unions and distance functions after Quilez. A tile of
   pixels marches only through the primitives whose bounding spheres its cone of rays can meet.
   Lengths are metres, y points up, colours are linear light. */

#include <math.h>
#include <stdint.h>

#define TILE 8
#define FAR 80.0f
#define MOST 2048 /* primitives of a scene */

typedef struct {
    float centre[3], axes[9], size[6], blend, bound;
    int32_t kind, material, group, tag;
} Primitive;

typedef struct {
    float colour[3], second[3], scale, phase, gloss, shine, glow, bump, bump_scale, holes;
    int32_t pattern;
} Material;

typedef struct {
    float normal[3], offset;
    int32_t material;
} Plane;

typedef struct {
    float position[3], right[3], up[3], forward[3], tangent;
    float sun_direction[3], sun[3], sky[3], ground[3], fog, softness;
} View;

typedef struct {
    const Primitive *primitives;
    const Plane *planes;
    const Material *materials;
    int primitive_count, plane_count;
} Scene;

enum { CAPSULE, ELLIPSOID, BOX, CONE, RING };
enum { PLAIN, CLOUD, BARS, CHECK, BRICK, GRAIN, SPOTS, WINDOWS, STRIPES, TILES, LEAVES, ZEBRA, PLANKS,
       LINES, CRUMBS };

static float dot(const float *a, const float *b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }
static float fraction(float x) { return x - floorf(x); }
static float clamp01(float x) { return x < 0 ? 0 : x > 1 ? 1 : x; }

static void normalize(float *a) {
    float scale = 1.0f / sqrtf(dot(a, a) + 1e-20f);
    for (int i = 0; i < 3; i++) a[i] *= scale;
}

/* ---- noise ---------------------------------------------------------------------------------- */

static float lattice(int x, int y, int z) {
    uint32_t h = (uint32_t)x * 0x8da6b343u ^ (uint32_t)y * 0xd8163841u ^ (uint32_t)z * 0xcb1ab31fu;
    h = (h ^ (h >> 13)) * 0x5bd1e995u;
    h = (h ^ (h >> 15)) * 0x27d4eb2du;
    return (float)((h ^ (h >> 16)) >> 8) * (1.0f / 16777216.0f);
}

static float noise(float x, float y, float z) {
    float fx = floorf(x), fy = floorf(y), fz = floorf(z);
    int i = (int)fx, j = (int)fy, k = (int)fz;
    x -= fx, y -= fy, z -= fz;
    x = x * x * (3 - 2 * x), y = y * y * (3 - 2 * y), z = z * z * (3 - 2 * z);
    float corner[4];
    for (int c = 0; c < 4; c++) {
        float a = lattice(i, j + (c & 1), k + (c >> 1)), b = lattice(i + 1, j + (c & 1), k + (c >> 1));
        corner[c] = a + (b - a) * x;
    }
    float near = corner[0] + (corner[1] - corner[0]) * y, far = corner[2] + (corner[3] - corner[2]) * y;
    return near + (far - near) * z;
}

static float cloud(float x, float y, float z) {
    float sum = 0, weight = 0.5f;
    for (int octave = 0; octave < 4; octave++) {
        sum += weight * noise(x, y, z);
        x = x * 2.03f + 1.7f, y = y * 2.03f + 9.2f, z = z * 2.03f + 3.1f, weight *= 0.5f;
    }
    return sum;
}

/* ---- distances ------------------------------------------------------------------------------ */

static float distance_to(const Primitive *p, const float *at) {
    float d[3] = {at[0] - p->centre[0], at[1] - p->centre[1], at[2] - p->centre[2]};
    const float *s = p->size;
    if (p->kind == CAPSULE) { /* size: half vector, radius at its tail, radius at its head */
        float h = clamp01(0.5f + 0.5f * dot(d, s) / (dot(s, s) + 1e-12f)), u = 2 * h - 1;
        float e[3] = {d[0] - u * s[0], d[1] - u * s[1], d[2] - u * s[2]};
        return sqrtf(dot(e, e)) - (s[3] + (s[4] - s[3]) * h);
    }
    float q[3] = {dot(p->axes, d), dot(p->axes + 3, d), dot(p->axes + 6, d)};
    if (p->kind == ELLIPSOID) { /* size: radii, and their inverses */
        float a[3] = {q[0] * s[3], q[1] * s[4], q[2] * s[5]};
        float b[3] = {a[0] * s[3], a[1] * s[4], a[2] * s[5]};
        float length = sqrtf(dot(a, a));
        return length * (length - 1) / (sqrtf(dot(b, b)) + 1e-9f);
    }
    if (p->kind == BOX) { /* size: half edges, rounding */
        float outside = 0, inside = -FAR;
        for (int i = 0; i < 3; i++) {
            float e = fabsf(q[i]) - s[i] + s[3];
            if (e > 0) outside += e * e;
            if (e > inside) inside = e;
        }
        return sqrtf(outside) + (inside < 0 ? inside : 0) - s[3];
    }
    if (p->kind == CONE) { /* size: half height, radius at the bottom, radius at the top, rounding */
        float h = clamp01((q[1] + s[0]) / (2 * s[0]));
        float side = sqrtf(q[0] * q[0] + q[2] * q[2]) - (s[1] + (s[2] - s[1]) * h) + s[3];
        float cap = fabsf(q[1]) - s[0] + s[3], a = side > 0 ? side : 0, b = cap > 0 ? cap : 0;
        float inside = side > cap ? side : cap;
        return 0.85f * (sqrtf(a * a + b * b) + (inside < 0 ? inside : 0) - s[3]);
    }
    float r = sqrtf(q[0] * q[0] + q[1] * q[1]) - s[0]; /* RING about z; size: radius, thickness */
    return sqrtf(r * r + q[2] * q[2]) - s[1];
}

/* Distance to the listed primitives, smoothly joined within a group; `who` is the nearest one. */
static float field(const Scene *scene, const int *list, int count, const float *at, int *who) {
    float best = FAR, joined = FAR, nearest = FAR;
    int group = -1, candidate = -1;
    *who = -1;
    for (int i = 0; i < count; i++) {
        const Primitive *p = scene->primitives + list[i];
        if (p->group != group) {
            if (joined < best) best = joined, *who = candidate;
            joined = nearest = FAR, group = p->group;
        }
        float d = distance_to(p, at);
        if (d < nearest) nearest = d, candidate = list[i];
        float overlap = p->blend > 0 ? p->blend - fabsf(joined - d) : 0;
        float lower = d < joined ? d : joined;
        joined = overlap > 0 ? lower - overlap * overlap * 0.25f / p->blend : lower;
    }
    if (joined < best) best = joined, *who = candidate;
    return best;
}

static float plane_distance(const Scene *scene, const float *at) {
    float best = FAR;
    for (int i = 0; i < scene->plane_count; i++) {
        float d = dot(scene->planes[i].normal, at) + scene->planes[i].offset;
        if (d < best) best = d;
    }
    return best;
}

/* ---- lists of primitives --------------------------------------------------------------------- */

static int along_cone(const Scene *scene, const float *from, const float *axis, float sine, float *start,
                      float *end, int *list) {
    int count = 0;
    float cosine = sqrtf(1 - sine * sine);
    *start = FAR, *end = 0;
    for (int i = 0; i < scene->primitive_count; i++) {
        const Primitive *p = scene->primitives + i;
        float d[3] = {p->centre[0] - from[0], p->centre[1] - from[1], p->centre[2] - from[2]};
        float ahead = dot(d, axis), square = dot(d, d), beside = square - ahead * ahead;
        if (ahead < -p->bound) continue;
        if (sqrtf(beside > 0 ? beside : 0) * cosine - ahead * sine > p->bound) continue;
        float length = sqrtf(square);
        if (length - p->bound < *start) *start = length - p->bound;
        if (length + p->bound > *end) *end = length + p->bound;
        list[count++] = i;
    }
    return count;
}

static int around(const Scene *scene, const float *at, float reach, int *list) {
    int count = 0;
    for (int i = 0; i < scene->primitive_count; i++) {
        const Primitive *p = scene->primitives + i;
        float d[3] = {p->centre[0] - at[0], p->centre[1] - at[1], p->centre[2] - at[2]};
        float r = p->bound + reach;
        if (dot(d, d) < r * r) list[count++] = i;
    }
    return count;
}

/* ---- light ------------------------------------------------------------------------------------ */

static float pattern(const Material *m, const float *at) {
    float s = m->scale, x = at[0] + m->phase, y = at[1] + m->phase, z = at[2] - m->phase, u, v, row;
    switch (m->pattern) {
    case CLOUD: return clamp01((cloud(x * s, y * s, z * s) - 0.25f) * 2);
    case BARS: return sinf(y * s) > 0;
    case CHECK: return 0.5f * (sinf(y * s) > 0.3f) + 0.5f * (sinf((x + z) * s) > 0.3f);
    case BRICK:
        v = y * s, row = floorf(v), u = (x + z) * s * 0.5f + ((int)row & 1) * 0.5f;
        if (v - row < 0.12f || fraction(u) < 0.06f) return 0;
        return 0.6f + 0.4f * lattice((int)row, (int)floorf(u), 1);
    case GRAIN: return cloud(x * s * 0.3f, y * s * 4, z * s * 0.3f);
    case SPOTS: return noise(x * s, y * s, z * s) > 0.6f;
    case WINDOWS:
        u = (x + z) * s, v = y * s * 0.8f;
        if (fabsf(fraction(u) - 0.5f) > 0.3f || fabsf(fraction(v) - 0.5f) > 0.28f) return 0;
        return 0.55f + 0.45f * lattice((int)floorf(u), (int)floorf(v), 3);
    case STRIPES: return sinf((x + 0.7f * z) * s) > 0;
    case TILES:
        u = (x + 0.001f * y) * s, v = (fabsf(z) > 0 ? z + y : y) * s;
        if (fraction(u) < 0.06f || fraction(v) < 0.06f) return 0;
        return 0.75f + 0.25f * lattice((int)floorf(u), (int)floorf(v), 5);
    case LEAVES: return 0.6f * lattice((int)floorf(x * s), (int)floorf(y * s), (int)floorf(z * s))
                        + 0.4f * cloud(x * s * 0.06f, y * s * 0.06f, z * s * 0.06f);
    case ZEBRA: return sinf(x * s * 0.3f + (z + 0.4f * y) * s + 4 * noise(x * s * 0.2f, y * s * 0.2f, z * s * 0.2f)) > 0;
    case PLANKS:
        u = x * s, row = floorf(u);
        return (0.3f + 0.7f * cloud(row * 7, z * 0.8f + row * 3, y * s)) * (u - row < 0.05f ? 0.3f : 1);
    case LINES: /* thin bright lines on a playing field */
        u = fraction(x * s), v = fraction(z * s * 0.6f);
        return u < 0.035f || v < 0.03f ? 0 : 0.8f + 0.2f * cloud(x * 3, y, z * 3);
    case CRUMBS: return clamp01(0.5f * lattice((int)floorf(x * s), (int)floorf(y * s), (int)floorf(z * s))
                                + 1.2f * (noise(x * s * 0.4f, y * s * 0.4f, z * s * 0.4f) - 0.25f));
    default: return 1;
    }
}

static float shadow(const Scene *scene, const View *view, const float *at, const float *normal) {
    static const float nearest = 0.02f, furthest = 10.0f;
    int list[MOST], who;
    float from[3], start, end, light = 1;
    for (int i = 0; i < 3; i++) from[i] = at[i] + normal[i] * 0.012f;
    int count = along_cone(scene, from, view->sun_direction, 0.03f, &start, &end, list);
    if (end > furthest) end = furthest;
    float t = start > nearest ? start : nearest;
    for (int step = 0; count && step < 24 && t < end; step++) {
        float p[3] = {from[0] + view->sun_direction[0] * t, from[1] + view->sun_direction[1] * t,
                      from[2] + view->sun_direction[2] * t};
        float d = field(scene, list, count, p, &who);
        if (d < 0.001f) return 0;
        float soft = view->softness * d / t;
        if (soft < light) light = soft;
        t += d < 0.03f ? 0.03f : d > 1 ? 1 : d;
    }
    return light;
}

static float openness(const Scene *scene, const float *at, const float *normal) {
    int list[MOST], who, count = around(scene, at, 0.45f, list);
    float hidden = 0, weight = 1, reach = 0.05f;
    for (int i = 0; i < 3; i++, weight *= 0.6f, reach *= 2.6f) {
        float p[3] = {at[0] + normal[0] * reach, at[1] + normal[1] * reach, at[2] + normal[2] * reach};
        float d = field(scene, list, count, p, &who), e = plane_distance(scene, p);
        if (e < d) d = e;
        if (d < reach) hidden += weight * (reach - d);
    }
    return hidden > 0.45f ? 0.25f : 1 - 1.65f * hidden;
}

static void roughen(const Material *m, const float *at, float *normal) {
    float s = m->bump_scale, p[3] = {at[0] * s, at[1] * s, at[2] * s};
    normal[0] += m->bump * (noise(p[0] + 31, p[1], p[2]) - 0.5f);
    normal[1] += m->bump * (noise(p[0], p[1] + 57, p[2]) - 0.5f);
    normal[2] += m->bump * (noise(p[0], p[1], p[2] + 83) - 0.5f);
    normalize(normal);
}

static void shade(const Scene *scene, const View *view, const Material *m, const float *at, float *normal,
                  const float *ray, float t, float *out) {
    float open = t < 12 ? openness(scene, at, normal) : 0.9f, mix = pattern(m, at), lit;
    if (m->bump > 0) roughen(m, at, normal);
    lit = dot(normal, view->sun_direction);
    lit = lit > 0 ? lit * shadow(scene, view, at, normal) : 0;
    float half[3] = {view->sun_direction[0] - ray[0], view->sun_direction[1] - ray[1],
                     view->sun_direction[2] - ray[2]};
    normalize(half);
    float facing = dot(normal, half), grazing = 1 - fabsf(dot(ray, normal));
    float spark = lit > 0 && facing > 0 ? m->gloss * powf(facing, m->shine) : 0;
    float rim = m->gloss * 0.6f * grazing * grazing * grazing, above = 0.5f + 0.5f * normal[1];
    float haze = 1 - expf(-t * view->fog);
    for (int c = 0; c < 3; c++) {
        float colour = m->second[c] + (m->colour[c] - m->second[c]) * mix;
        float dome = view->sky[c] * above + view->ground[c] * (1 - above);
        float light = colour * (view->sun[c] * lit + dome * open) + view->sun[c] * spark + dome * rim
                      + m->glow * colour;
        out[c] = light * (1 - haze) + view->sky[c] * haze;
    }
}

/* ---- one ray ----------------------------------------------------------------------------------- */

static float meet_plane(const Scene *scene, const float *from, const float *ray, int *which) {
    float best = FAR;
    *which = -1;
    for (int i = 0; i < scene->plane_count; i++) {
        const Plane *plane = scene->planes + i;
        float slope = dot(plane->normal, ray), t = -(dot(plane->normal, from) + plane->offset) / slope;
        if (slope < -1e-6f && t > 0 && t < best) best = t, *which = i;
    }
    return best;
}

static void gradient(const Scene *scene, const int *list, int count, const float *at, float step,
                     float *normal) {
    static const float corners[4][3] = {{1, -1, -1}, {-1, -1, 1}, {-1, 1, -1}, {1, 1, 1}};
    normal[0] = normal[1] = normal[2] = 0;
    for (int i = 0, who; i < 4; i++) {
        const float *c = corners[i];
        float p[3] = {at[0] + step * c[0], at[1] + step * c[1], at[2] + step * c[2]};
        float d = field(scene, list, count, p, &who);
        for (int j = 0; j < 3; j++) normal[j] += c[j] * d;
    }
    normalize(normal);
}

/* How far the ray goes to a primitive; `limit` if it meets none. */
static float march(const Scene *scene, const int *list, int count, const float *from, const float *ray,
                   float t, float limit, int *who) {
    for (int step = 0; count && step < 110 && t < limit; step++) {
        float p[3] = {from[0] + ray[0] * t, from[1] + ray[1] * t, from[2] + ray[2] * t};
        float d = field(scene, list, count, p, who);
        if (d < 0.0008f * t + 1e-4f) {
            const Material *m = scene->materials + scene->primitives[*who].material;
            float s = m->bump_scale;
            if (m->holes == 0 || noise(p[0] * s, p[1] * s, p[2] * s) > m->holes) return t;
            d = 0.35f / s; /* light falls through a gap between the leaves */
        }
        t += d * 0.9f > 1e-3f ? d * 0.9f : 1e-3f;
    }
    *who = -1;
    return limit;
}

static void trace(const Scene *scene, const View *view, const int *list, int count, const float *ray,
                  float start, float end, float *out, float *depth, int32_t *tag) {
    int which, who;
    float at[3], normal[3], wall = meet_plane(scene, view->position, ray, &which);
    float limit = wall < end ? wall : end;
    float t = march(scene, list, count, view->position, ray, start, limit, &who);
    if (who < 0 && which < 0) return; /* the backdrop stays */
    if (who < 0) t = wall;
    for (int i = 0; i < 3; i++) at[i] = view->position[i] + ray[i] * t;
    const Material *m;
    if (who < 0) {
        for (int i = 0; i < 3; i++) normal[i] = scene->planes[which].normal[i];
        m = scene->materials + scene->planes[which].material;
    } else {
        gradient(scene, list, count, at, 0.0015f * (t > 0.5f ? t : 0.5f), normal);
        m = scene->materials + scene->primitives[who].material;
        *tag = scene->primitives[who].tag;
    }
    *depth = t;
    shade(scene, view, m, at, normal, ray, t, out);
}

static void ray_through(const View *view, float x, float y, int width, float *ray) {
    float u = (2 * x / (float)width - 1) * view->tangent, v = (1 - 2 * y / (float)width) * view->tangent;
    for (int i = 0; i < 3; i++) ray[i] = view->forward[i] + u * view->right[i] + v * view->up[i];
    normalize(ray);
}

/* Draws over `image` (width, width, 3), which holds the backdrop; also writes the distance of each pixel
   in metres and the tag of the primitive it shows (0 for none). */
void render(int width, const View *view, const Primitive *primitives, int primitive_count,
            const Plane *planes, int plane_count, const Material *materials, float *image, float *depth,
            int32_t *tags) {
    Scene scene = {primitives, planes, materials, primitive_count, plane_count};
    int list[MOST];
    for (int top = 0; top < width; top += TILE) {
        for (int left = 0; left < width; left += TILE) {
            float axis[3], corner[3], ray[3], start, end;
            ray_through(view, left + 0.5f * TILE, top + 0.5f * TILE, width, axis);
            ray_through(view, left, top, width, corner);
            float cosine = dot(axis, corner), sine = sqrtf(1 - cosine * cosine) * 1.1f + 1e-4f;
            int count = along_cone(&scene, view->position, axis, sine, &start, &end, list);
            if (start < 0.05f) start = 0.05f;
            for (int y = top; y < top + TILE && y < width; y++) {
                for (int x = left; x < left + TILE && x < width; x++) {
                    int pixel = y * width + x;
                    ray_through(view, x + 0.5f, y + 0.5f, width, ray);
                    depth[pixel] = FAR, tags[pixel] = 0;
                    trace(&scene, view, list, count, ray, start, end, image + 3 * pixel, depth + pixel,
                          tags + pixel);
                }
            }
        }
    }
}
