/* Scan-line polygon filling without smoothing: textures are drawn finer than they are looked at. */
#include "canvas.h"

#include <stdlib.h>

enum { POLYGON_MAX = 32, DISC_CORNERS = 20 };

int texture_create(texture *out, float u_low, float u_high, float v_low, float v_high, float scale)
{
    *out = (texture){.u_low = u_low, .v_high = v_high, .scale = scale};
    out->width = (int)ceilf((u_high - u_low) * scale);
    out->height = (int)ceilf((v_high - v_low) * scale);
    size_t total = 0;
    int width = out->width, height = out->height;
    while (out->levels < TEXTURE_LEVELS_MAX) {
        out->level_start[out->levels++] = total;
        total += (size_t)width * (size_t)height;
        if (width <= 2 || height <= 2)
            break;
        width /= 2;
        height /= 2;
    }
    out->texels = malloc(total * sizeof *out->texels);
    return out->texels ? 0 : -1;
}

void texture_free(texture *t)
{
    free(t->texels);
    *t = (texture){0};
}

void canvas_clear(texture *t, colour paint)
{
    size_t count = (size_t)t->width * (size_t)t->height;
    for (size_t i = 0; i < count; i++)
        t->texels[i] = paint;
}

static void fill_span(texture *t, int row, float from, float to, colour paint)
{
    int first = floor_int(clampf(from, -1.0f, (float)t->width) + 0.5f);
    int last = floor_int(clampf(to, -1.0f, (float)t->width) + 0.5f);
    if (first < 0)
        first = 0;
    if (last > t->width)
        last = t->width;
    for (int column = first; column < last; column++)
        t->texels[(size_t)row * (size_t)t->width + (size_t)column] = paint;
}

static void sort_crossings(float *crossings, int count)
{
    for (int i = 1; i < count; i++)
        for (int j = i; j > 0 && crossings[j - 1] > crossings[j]; j--) {
            float swap = crossings[j];
            crossings[j] = crossings[j - 1];
            crossings[j - 1] = swap;
        }
}

void canvas_polygon(texture *t, const point2 *points, int count, colour paint)
{
    float x[POLYGON_MAX], y[POLYGON_MAX], low = 1e9f, high = -1e9f;
    if (count > POLYGON_MAX)
        count = POLYGON_MAX;
    for (int i = 0; i < count; i++) {
        x[i] = (points[i].u - t->u_low) * t->scale;
        y[i] = (t->v_high - points[i].v) * t->scale;
        low = y[i] < low ? y[i] : low;
        high = y[i] > high ? y[i] : high;
    }
    int first = floor_int(clampf(low, 0.0f, (float)t->height)), last = floor_int(clampf(high, -1.0f, 1e6f));
    for (int row = first; row <= last && row < t->height; row++) {
        float crossings[POLYGON_MAX], middle = (float)row + 0.5f;
        int found = 0;
        for (int i = 0, j = count - 1; i < count; j = i++)
            if ((y[i] > middle) != (y[j] > middle))
                crossings[found++] = x[i] + (middle - y[i]) * (x[j] - x[i]) / (y[j] - y[i]);
        sort_crossings(crossings, found);
        for (int i = 0; i + 1 < found; i += 2)
            fill_span(t, row, crossings[i], crossings[i + 1], paint);
    }
}

void canvas_rectangle(texture *t, float u0, float v0, float u1, float v1, colour paint)
{
    const point2 corners[] = {{u0, v0}, {u1, v0}, {u1, v1}, {u0, v1}};
    canvas_polygon(t, corners, 4, paint);
}

void canvas_disc(texture *t, point2 centre, float radius, colour paint)
{
    point2 corners[DISC_CORNERS];
    for (int i = 0; i < DISC_CORNERS; i++) {
        float angle = 6.2831853f * (float)i / (float)DISC_CORNERS;
        corners[i] = (point2){centre.u + radius * cosf(angle), centre.v + radius * sinf(angle)};
    }
    canvas_polygon(t, corners, DISC_CORNERS, paint);
}

void canvas_stroke(texture *t, point2 from, point2 to, float width, colour paint)
{
    float du = to.u - from.u, dv = to.v - from.v, length = sqrtf(du * du + dv * dv);
    if (length > 1e-6f) {
        float nu = -dv / length * 0.5f * width, nv = du / length * 0.5f * width;
        const point2 corners[] = {{from.u + nu, from.v + nv},
                                  {to.u + nu, to.v + nv},
                                  {to.u - nu, to.v - nv},
                                  {from.u - nu, from.v - nv}};
        canvas_polygon(t, corners, 4, paint);
    }
}

static unsigned char mean_of_four(int a, int b, int c, int d)
{
    return (unsigned char)((a + b + c + d + 2) / 4);
}

void texture_finish(texture *t)
{
    int width = t->width, height = t->height;
    for (int level = 1; level < t->levels; level++) {
        const colour *from = t->texels + t->level_start[level - 1];
        colour *to = t->texels + t->level_start[level];
        int half_width = width / 2, half_height = height / 2;
        for (int row = 0; row < half_height; row++)
            for (int column = 0; column < half_width; column++) {
                const colour *a = from + (size_t)(2 * row) * (size_t)width + (size_t)(2 * column), *c = a + width;
                to[(size_t)row * (size_t)half_width + (size_t)column] = (colour){
                    mean_of_four(a[0].red, a[1].red, c[0].red, c[1].red),
                    mean_of_four(a[0].green, a[1].green, c[0].green, c[1].green),
                    mean_of_four(a[0].blue, a[1].blue, c[0].blue, c[1].blue),
                    mean_of_four(a[0].matter, a[1].matter, c[0].matter, c[1].matter),
                };
            }
        width = half_width;
        height = half_height;
    }
}

static int clamp_index(int index, int count)
{
    return index < 0 ? 0 : index >= count ? count - 1 : index;
}

sample4 texture_sample(const texture *t, float u, float v, int level)
{
    level = clamp_index(level, t->levels);
    int width = t->width >> level, height = t->height >> level;
    float scale = t->scale / (float)(1 << level);
    float x = clampf((u - t->u_low) * scale - 0.5f, 0.0f, (float)(width - 1));
    float y = clampf((t->v_high - v) * scale - 0.5f, 0.0f, (float)(height - 1));
    int column = (int)x, row = (int)y;
    float fx = x - (float)column, fy = y - (float)row;
    const colour *a = t->texels + t->level_start[level] + (size_t)row * (size_t)width + (size_t)column;
    size_t right = column + 1 < width ? 1 : 0, down = row + 1 < height ? (size_t)width : 0;
    const colour *b = a + right, *c = a + down, *d = c + right;
    float wa = (1.0f - fx) * (1.0f - fy), wb = fx * (1.0f - fy), wc = (1.0f - fx) * fy, wd = fx * fy;
    return (sample4){
        wa * (float)a->red + wb * (float)b->red + wc * (float)c->red + wd * (float)d->red,
        wa * (float)a->green + wb * (float)b->green + wc * (float)c->green + wd * (float)d->green,
        wa * (float)a->blue + wb * (float)b->blue + wc * (float)c->blue + wd * (float)d->blue,
        wa * (float)a->matter + wb * (float)b->matter + wc * (float)c->matter + wd * (float)d->matter,
    };
}
