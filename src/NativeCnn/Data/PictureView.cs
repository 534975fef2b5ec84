namespace NativeCnn.Data;

/// <summary>
/// What of an upright picture an example shows: a rectangle, in shares of the picture's sides, turned and mirrored.
/// </summary>
/// <param name="CentreX">Where its centre lies, from the left edge 0 to the right edge 1.</param>
/// <param name="CentreY">Where its centre lies, from the upper edge 0 to the lower edge 1.</param>
/// <param name="Width">How much of the picture's width it takes.</param>
/// <param name="Height">How much of the picture's height it takes.</param>
/// <param name="Turn">By how much it is turned.</param>
/// <param name="IsMirrored">Whether left is right.</param>
internal readonly record struct PictureView(
    double CentreX,
    double CentreY,
    double Width,
    double Height,
    Turn Turn,
    bool IsMirrored = false
)
{
    // Scaled to 256 pixels, the middle 224 are taken: the usual view for testing.
    private const double MiddleShare = 224.0 / 256;

    /// <summary>All of the picture.</summary>
    public static PictureView Whole { get; } = new(0.5, 0.5, 1, 1, Turn.None);

    /// <summary>The middle of a picture of these sides, in the shape of an output.</summary>
    public static PictureView Middle(double width, double height, double outputWidth, double outputHeight)
    {
        double scale = MiddleShare * Math.Min(width / outputWidth, height / outputHeight);
        return new PictureView(0.5, 0.5, scale * outputWidth / width, scale * outputHeight / height, Turn.None);
    }
}

/// <summary>The cosine and the sine of an angle.</summary>
internal readonly record struct Turn(double Cosine, double Sine)
{
    private const int Halvings = 4;

    public static Turn None { get; } = new(1, 0);

    /// <summary>
    /// An angle of up to half a turn: a sixteenth of it by the series, doubled four times, and so the same bits on every
    /// machine.
    /// </summary>
    public static Turn ByDegrees(double degrees)
    {
        double x = degrees * (Math.PI / 180) / (1 << Halvings);
        double square = x * x;
        double sine = x * (1 - square / 6 * (1 - square / 20 * (1 - square / 42 * (1 - square / 72))));
        double cosine = 1 - square / 2 * (1 - square / 12 * (1 - square / 30 * (1 - square / 56)));
        for (int doubling = 0; doubling < Halvings; doubling++)
            (cosine, sine) = (1 - 2 * sine * sine, 2 * sine * cosine);
        return new Turn(cosine, sine);
    }
}

/// <summary>Where in a stored picture lies what an output shows at (x, y): affine in both.</summary>
internal readonly record struct AffineMap(double XByX, double XByY, double X0, double YByX, double YByY, double Y0)
{
    /// <summary>The map of a view.</summary>
    /// <param name="view">What is shown.</param>
    /// <param name="width">The width of the picture as it is stored.</param>
    /// <param name="height">Its height.</param>
    /// <param name="orientation">How it is to be shown, 1 to 8 as in EXIF.</param>
    /// <param name="outputWidth">The output's width.</param>
    /// <param name="outputHeight">Its height.</param>
    public static AffineMap Of(
        in PictureView view,
        double width,
        double height,
        int orientation,
        int outputWidth,
        int outputHeight
    )
    {
        (double uprightWidth, double uprightHeight) = orientation >= 5 ? (height, width) : (width, height);
        double scaleX = uprightWidth * view.Width / outputWidth;
        double scaleY = uprightHeight * view.Height / outputHeight;
        double mirror = view.IsMirrored ? -1 : 1;
        (double middleX, double middleY) = (outputWidth / 2.0, outputHeight / 2.0);
        (double xByX, double xByY) = (scaleX * view.Turn.Cosine * mirror, -scaleX * view.Turn.Sine);
        (double yByX, double yByY) = (scaleY * view.Turn.Sine * mirror, scaleY * view.Turn.Cosine);
        double x0 = uprightWidth * view.CentreX - xByX * middleX - xByY * middleY;
        double y0 = uprightHeight * view.CentreY - yByX * middleX - yByY * middleY;
        AffineMap upright = new(xByX, xByY, x0, yByX, yByY, y0);
        AffineMap crossed = new(yByX, yByY, y0, xByX, xByY, x0);
        return orientation switch
        {
            2 => upright.Mirrored(width),
            3 => upright.Mirrored(width).Overturned(height),
            4 => upright.Overturned(height),
            5 => crossed,
            6 => crossed.Overturned(height),
            7 => crossed.Mirrored(width).Overturned(height),
            8 => crossed.Mirrored(width),
            _ => upright,
        };
    }

    private AffineMap Mirrored(double width) => this with { XByX = -XByX, XByY = -XByY, X0 = width - X0 };

    private AffineMap Overturned(double height) => this with { YByX = -YByX, YByY = -YByY, Y0 = height - Y0 };
}
