/* Edge functions over bounding boxes (Pineda 1988), one sample at a time. */
#include "raster.h"

void raster_clear(raster_buffer *buffer)
{
    size_t count = (size_t)buffer->width * (size_t)buffer->height;
    for (size_t i = 0; i < count; i++)
        buffer->nearness[i] = 0.0f;
    for (size_t i = 0; buffer->owner && i < count; i++)
        buffer->owner[i] = RASTER_NOTHING;
}

static float least(float a, float b, float c)
{
    float ab = a < b ? a : b;
    return ab < c ? ab : c;
}

static float greatest(float a, float b, float c)
{
    float ab = a > b ? a : b;
    return ab > c ? ab : c;
}

static void fill_triangle(raster_buffer *buffer, const raster_point *a, const raster_point *b, const raster_point *c,
                          uint32_t owner)
{
    float area = (b->x - a->x) * (c->y - a->y) - (b->y - a->y) * (c->x - a->x);
    if (area == 0.0f)
        return;
    float low_x = least(a->x, b->x, c->x), high_x = greatest(a->x, b->x, c->x);
    float low_y = least(a->y, b->y, c->y), high_y = greatest(a->y, b->y, c->y);
    if (high_x < 0.0f || high_y < 0.0f || low_x >= (float)buffer->width || low_y >= (float)buffer->height)
        return;
    int first_column = low_x > 0.0f ? (int)low_x : 0, first_row = low_y > 0.0f ? (int)low_y : 0;
    int last_column = high_x < (float)buffer->width ? (int)high_x : buffer->width - 1;
    int last_row = high_y < (float)buffer->height ? (int)high_y : buffer->height - 1;

    /* Weights of b and c, and nearness, are linear over the picture. */
    float inverse = 1.0f / area;
    float b_dx = (c->y - a->y) * inverse, b_dy = (a->x - c->x) * inverse;
    float c_dx = (a->y - b->y) * inverse, c_dy = (b->x - a->x) * inverse;
    float near_b = b->nearness - a->nearness, near_c = c->nearness - a->nearness;
    for (int row = first_row; row <= last_row; row++) {
        float dy = (float)row + 0.5f - a->y, dx = (float)first_column + 0.5f - a->x;
        float weight_b = b_dx * dx + b_dy * dy, weight_c = c_dx * dx + c_dy * dy;
        size_t at = (size_t)row * (size_t)buffer->width + (size_t)first_column;
        for (int column = first_column; column <= last_column; column++, at++) {
            if (weight_b >= 0.0f && weight_c >= 0.0f && weight_b + weight_c <= 1.0f) {
                float nearness = a->nearness + weight_b * near_b + weight_c * near_c;
                if (nearness > buffer->nearness[at]) {
                    buffer->nearness[at] = nearness;
                    if (buffer->owner)
                        buffer->owner[at] = owner;
                }
            }
            weight_b += b_dx;
            weight_c += c_dx;
        }
    }
}

void raster_mesh(raster_buffer *buffer, const mesh *shape, const raster_point *points, uint32_t first_owner)
{
    for (size_t i = 0; i < shape->triangle_count; i++) {
        const uint32_t *corner = shape->triangles[i].corner;
        const raster_point *a = &points[corner[0]], *b = &points[corner[1]], *c = &points[corner[2]];
        if (a->nearness > 0.0f && b->nearness > 0.0f && c->nearness > 0.0f)
            fill_triangle(buffer, a, b, c, first_owner + (uint32_t)i);
    }
}
